variable "name" { type = string }

resource "random_id" "this" {
  byte_length = 2
  prefix      = "${var.name}-"
}

moved {
  from = random_id.queue
  to   = random_id.this
}

output "name" { value = var.name }
output "id" { value = random_id.this.dec }
