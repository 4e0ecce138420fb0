variable "namespace" {
  type        = string
  description = "Short name of the team."

  validation {
    condition     = length(var.namespace) <= 8 && can(regex("^[a-z]+$", var.namespace))
    error_message = "A namespace has at most eight small letters."
  }
}

variable "environment" {
  type    = string
  default = "test"
}

variable "default_port" {
  type    = number
  default = 8080
}

variable "gateway" {
  type    = bool
  default = false
}

variable "services" {
  description = <<-EOT
    Services by their names.
    Those that are not enabled are left out.
  EOT
  type = map(object({
    enabled  = optional(bool, true)
    port     = optional(number)
    replicas = optional(number, 1)
    stores   = optional(list(string), [])
  }))
}
