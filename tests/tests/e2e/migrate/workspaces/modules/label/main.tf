variable "name" { type = string }
variable "upper" {
  type    = bool
  default = false
}
resource "null_resource" "this" {
  triggers = {
    name = var.upper ? upper(var.name) : var.name
    text = <<-EOT
      hello ${var.name}
        %{~ if var.upper ~}
      UP
        %{~ endif ~}
      bye
    EOT
  }
}
resource "local_file" "note" {
  filename = "${path.module}/${var.name}.txt"
  content  = format("%s-%03d", null_resource.this.id == "" ? "x" : "y", 7)
}
output "text" { value = "${var.name}:${local_file.note.content}" }
