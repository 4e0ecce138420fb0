stage             = "dev"
domain            = "dev.example.com"
database_password = "only-for-dev"
instances = {
  web = { size = "small" }
}
