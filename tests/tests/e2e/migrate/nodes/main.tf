# Nodes of a cluster by their numbers: count, splats, and lists side by side.
variable "controllers" {
  type    = list(object({ name = string, zone = string }))
  default = [
    { name = "node-a", zone = "z1" },
    { name = "node-b", zone = "z2" },
    { name = "node-c", zone = "z1" },
  ]
}

variable "worker_count" {
  type    = number
  default = 11
}

variable "snapshots" {
  default = true
}

variable "bastion" {
  type    = bool
  default = false
}

locals {
  zones   = distinct([for node in var.controllers : node.zone])
  first   = var.controllers[0].name
  snap    = var.snapshots && length(var.controllers) > 1
  workers = [for i in range(var.worker_count) : format("worker-%02d", i + 1)]
}

resource "random_id" "controller" {
  count       = length(var.controllers)
  byte_length = 3
  prefix      = "${var.controllers[count.index].name}-"
}

resource "random_integer" "worker_port" {
  count = var.worker_count
  min   = 30000
  max   = 32767
  keepers = {
    worker = local.workers[count.index]
    zone   = element(local.zones, count.index)
  }
}

resource "null_resource" "controller" {
  count = length(var.controllers)

  triggers = {
    id    = random_id.controller[count.index].hex
    peers = join(",", random_id.controller.*.hex)
    last  = random_id.controller[length(var.controllers) - 1].b64_url
    etcd  = element(random_id.controller.*.dec, count.index + 1)
  }
}

resource "null_resource" "snapshot" {
  count    = local.snap ? length(var.controllers) : 0
  triggers = { of = null_resource.controller[count.index].id }
}

resource "null_resource" "bastion" {
  count    = var.bastion ? 1 : 0
  triggers = { host = local.first }
}

resource "null_resource" "monitor" {
  count    = var.bastion == false ? 1 : 0
  triggers = { bastion = length(null_resource.bastion) > 0 ? null_resource.bastion[0].id : "none" }
}

resource "local_file" "inventory" {
  filename = "out/inventory.ini"
  content  = <<EOF
[controllers]
%{ for i, node in var.controllers ~}
${node.name} zone=${node.zone} id=${random_id.controller[i].hex}
%{ endfor ~}

[workers]
%{ for i, name in local.workers ~}
${name} port=${random_integer.worker_port[i].result}%{ if i == 0 } first%{ endif }
%{ endfor ~}
EOF
}

output "controller_ids" {
  value = zipmap(var.controllers[*].name, random_id.controller[*].hex)
}

output "ports" {
  value = slice(random_integer.worker_port[*].result, 0, 3)
}

output "busiest" {
  value = max(random_integer.worker_port[*].result...)
}

output "bastion" {
  value = var.bastion ? null_resource.bastion[0].id : null
}

output "bastion_ids" {
  value = null_resource.bastion[*].id
}

output "snapshots" {
  value = length(null_resource.snapshot)
}

output "monitor" {
  value = concat(null_resource.bastion.*.id, null_resource.monitor.*.id, [""])[0]
}
