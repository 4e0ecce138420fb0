variable "template" {
  type = string
}

variable "name" {
  type = string
}

resource "local_file" "mast" {
  filename = "out/mast.txt"
  content  = templatefile(var.template, { name = var.name })
}
