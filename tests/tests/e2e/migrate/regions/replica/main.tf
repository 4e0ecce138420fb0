terraform {
  required_providers {
    fixture = {
      source = "example.com/test/fixture"
    }
  }
}

variable "name" { type = string }

variable "ports" {
  type    = list(number)
  default = []
}

variable "disks" {
  type    = map(number)
  default = {}
}

variable "labels" {
  type    = any
  default = null
}

data "fixture_lookup" "size" {
  name = var.name
}

resource "fixture_thing" "this" {
  name   = var.name
  labels = try({ for key, label in var.labels : key => { value = label.value } }, null)

  dynamic "rule" {
    for_each = toset(var.ports)
    content {
      port = rule.value
    }
  }

  dynamic "disk" {
    for_each = var.disks
    iterator = own
    content {
      gb = own.value
    }
  }

  disk {
    gb = 1
  }

  lifecycle {
    ignore_changes = [size, extra]
  }
}

output "id" {
  value = fixture_thing.this.id
}
