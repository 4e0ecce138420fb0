stage             = "prod"
domain            = "example.com"
database_password = "not-a-real-one"
instances = {
  web    = { size = "large", disk = 100 }
  worker = { size = "medium" }
}
alerts = ["ops@example.com"]
