variable "name" { type = string }

resource "random_id" "store" {
  byte_length = 4
  keepers     = { name = var.name }
}

output "id" {
  value = format("%s-%s", var.name, random_id.store.hex)
}
