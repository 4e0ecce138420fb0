terraform {
  required_providers {
    null   = { source = "hashicorp/null" }
    random = { source = "hashicorp/random" }
    local  = { source = "hashicorp/local" }
  }
}
variable "revision" { default = 1 }
variable "big" {
  type    = number
  default = 123456789012345678901234567890
}
resource "terraform_data" "replacement" {
  input = var.revision
}
resource "terraform_data" "bootstrap" {
  triggers_replace = [
    random_id.a.hex,
    var.revision,
  ]
  input = { name = "x", list = [1, 2], when = random_id.a.hex, big = var.big }
}
resource "terraform_data" "each" {
  for_each = toset(["a", "b"])
  input    = each.key
}
resource "terraform_data" "empty" {}
resource "terraform_data" "sets" {
  input            = toset(["x", "y"])
  triggers_replace = { a = null, b = tomap({ c = "d" }) }
}
resource "random_id" "a" {
  byte_length = 2
  lifecycle {
    replace_triggered_by = [terraform_data.replacement]
  }
}
resource "null_resource" "b" {
  triggers = {
    out  = terraform_data.bootstrap.output.name
    each = join(",", [for t in terraform_data.each : t.output])
    rev  = terraform_data.replacement.output
    id   = terraform_data.empty.id
  }
  depends_on = [terraform_data.empty]
}
output "big" { value = var.big }
output "data" { value = terraform_data.bootstrap.output }
