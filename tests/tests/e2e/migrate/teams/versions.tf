terraform {
  required_version = ">= 1.5.0, < 2.0.0"
  required_providers {
    null   = { source = "hashicorp/null" }
    random = { source = "hashicorp/random" }
    local  = { source = "hashicorp/local" }
    time   = { source = "hashicorp/time" }
  }
}
