variable "environment" {
  type        = string
  description = <<-EOT
    The environment.
    One of dev, prod.
  EOT
  validation {
    condition     = contains(["dev", "stage", "prod"], var.environment)
    error_message = "Environment must be one of: dev, stage, prod (got ${var.environment})."
  }
}
variable "settings" {
  default = {
    port  = 8080
    debug = "false"
    hosts = ["a", "b"]
  }
}
variable "extra" { default = null }
variable "anything" {
  type    = any
  default = {}
}
variable "db_password" {
  type      = string
  sensitive = true
  default   = "hunter2"
}
variable "teams" {
  type = map(object({
    members = list(object({ name = string, role = optional(string, "dev") }))
    quota   = optional(number)
    labels  = optional(map(string))
  }))
}
variable "subnets" {
  type = list(object({
    name        = string
    cidr        = string
    delegations = optional(list(string), [])
  }))
  nullable = false
  default  = []
}
variable "mixed" {
  type    = tuple([string, number, bool])
  default = ["a", 1, true]
}
variable "feature_flags" {
  type    = set(string)
  default = ["b", "a", "b"]
}
variable "timeout" {
  type    = number
  default = 30
}
