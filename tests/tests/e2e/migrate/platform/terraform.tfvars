namespace = "shop"
gateway   = true

services = {
  web = {
    port   = 80
    stores = ["sessions", "uploads"]
  }
  mail = {
    replicas = 2
    stores   = ["queue"]
  }
  old = {
    enabled = false
  }
}
