# Pages with what another service says, in the style of an intranet.
variable "source_url" {
  type        = string
  description = "Where the notices come from."
}

variable "router" {
  type    = string
  default = "10.20.30.40/16" # its own address, and the network's length
}

variable "pattern" {
  type    = string
  default = "%s-%02d"
}

variable "title" {
  type    = string
  default = "" # the page has one of its own
}

data "http" "notice" {
  url = "${var.source_url}/notice.txt" # changes on Mondays

  request_headers = {
    Accept = "text/plain" # and nothing else
  }
}

locals {
  names = [for at in range(2) : format(var.pattern, "desk", at + 1)]
  hosts = { for at, name in local.names : name => cidrhost(var.router, at + 1) }
  # Everything that a page says.
  page = {
    title  = coalesce(var.title, "Notices")
    notice = data.http.notice.body
    hosts  = local.hosts
    shifts = [{ day = "mon", from = 8 }, { day = "tue", from = 9.5 }]
    open   = true
    until  = null
    rule   = jsonencode({ when = "load < 5 && disk > 3" })
    about  = "A line that is so long that it is folded, since it has more than eighty characters in all."
  }
}

resource "local_file" "page" {
  filename = "${path.module}/out/page.yaml"
  content  = yamlencode(local.page) # laid out as before
}

module "mast" {
  source   = "./modules/page"
  template = "${path.module}/mast.tpl"
  name     = local.page.title
}
