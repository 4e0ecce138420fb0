environment = "prod"
teams = {
  core = { members = [{ name = "ann", role = "lead" }, { name = "bob" }], quota = 5, labels = { a = "b" } }
  web  = { members = [{ name = "cy" }] }
}
