variable "name" { type = string }
variable "replicas" {
  type    = number
  default = 1
}
variable "env" {
  type    = map(string)
  default = {}
}
variable "sidecars" {
  type = list(object({ name = string, image = string, cpu = optional(number, 100) }))
}
resource "null_resource" "pod" {
  count    = var.replicas
  triggers = merge({ for k, v in var.env : "ENV_${k}" => v }, { index = count.index, sc = join(",", var.sidecars[*].name), cpu = try(var.sidecars[count.index].cpu, 0) })
}
output "summary" {
  value = {
    ids   = null_resource.pod[*].id
    first = try(null_resource.pod[0].id, null)
    n     = length(null_resource.pod)
  }
}
