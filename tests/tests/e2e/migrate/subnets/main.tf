# A plan of networks: everything is computed.
variable "cidr" {
  default = "10.20.0.0/16"

  validation {
    condition     = can(cidrnetmask(var.cidr))
    error_message = "The block is not valid."
  }
}

variable "zones" {
  type    = list(string)
  default = ["eu-west-1a", "eu-west-1b"]
}

variable "tiers" {
  type    = map(number)
  default = { public = 4, private = 2, data = 8 }
}

variable "tags" {
  type    = map(string)
  default = { "cost-center" = "42", Owner = "net team" }
}

variable "images" {
  default = ["registry.example.com/team/app:1.4.2", "nginx:latest"]
}

locals {
  region = regex("^[a-z]+-[a-z]+-[0-9]+", var.zones[0])
  letter = { for zone in var.zones : zone => substr(zone, -1, 1) }
  pairs  = [for pair in setproduct(keys(var.tiers), var.zones) : { tier = pair[0], zone = pair[1] }]
  subnets = {
    for index, pair in local.pairs :
    "${pair.tier}-${local.letter[pair.zone]}" => {
      cidr = cidrsubnet(var.cidr, lookup(var.tiers, pair.tier, 4), index)
      zone = pair.zone
      tier = upper(pair.tier)
    }
  }
  by_tier = { for name, subnet in local.subnets : lower(subnet.tier) => name... }
  blocks  = cidrsubnets(var.cidr, 4, 4, 8)
  hosts   = [for name in sort(keys(local.subnets)) : cidrhost(local.subnets[name].cidr, 10)]
  tag_list = [
    for key, value in var.tags : { Key = title(replace(key, "-", " ")), Value = value, Propagate = true }
  ]
  images = [
    for image in var.images : merge(
      regex("^(?:(?P<host>[^/]+\\.[^/]+)/)?(?P<name>[^:]+):(?P<tag>.+)$", image),
      { pinned = !endswith(image, ":latest") }
    )
  ]
  defaults = { ttl = 300, mode = "strict", zone = null }
  settings = merge(local.defaults, { for key, value in { mode = "lax", zone = "" } : key => value if value != "" })
  digest   = substr(sha256(jsonencode(local.subnets)), 0, 12)
  slug     = trim(replace(lower("  The Net: v2!  "), "/[^a-z0-9]+/", "-"), "-")
  deep     = try(local.settings.nested.value, "none")
  encoded  = base64encode(jsonencode({ a = [1, 2], b = { c = true } }))
  rows     = csvdecode("name,size\nweb,2\nmail,1\n")
  total    = sum([for row in local.rows : tonumber(row.size)])
  number   = parseint("ff", 16)
  chunks   = chunklist(range(5), 2)
  any      = anytrue([for tier, bits in var.tiers : bits > 6])
  nested   = flatten([["a"], [["b"], []]])
  order    = reverse(sort(var.zones))
  same     = setintersection(toset(["a", "b"]), toset(["b", "c"]))
  found    = contains(var.zones, "eu-west-1a") ? index(var.zones, "eu-west-1b") : -1
  ratio    = ceil(length(local.subnets) / 4)
  date     = formatdate("YYYY-MM-DD", "2030-05-06T07:08:09Z")
  keyed    = { for row in local.rows : row.name => row if row.size != "1" }
  text     = join("\n", formatlist("%s=%s", keys(var.tags), values(var.tags)))
}

resource "local_file" "subnet" {
  for_each = local.subnets
  filename = "${path.module}/out/${local.region}/${each.key}.json"
  content  = jsonencode(merge(each.value, { netmask = cidrnetmask(each.value.cidr) }))
}

resource "local_file" "plan" {
  filename = "${path.module}/out/plan.txt"
  content = templatefile("${path.module}/templates/plan.tftpl", {
    region  = local.region
    subnets = local.subnets
    tags    = local.tag_list
    digest  = local.digest
    quiet   = false
  })
}

resource "local_file" "facts" {
  filename = "${path.module}/out/facts.json"
  content = jsonencode({
    blocks   = local.blocks
    hosts    = local.hosts
    images   = local.images
    settings = local.settings
    slug     = local.slug
    deep     = local.deep
    encoded  = local.encoded
    total    = local.total
    number   = local.number
    chunks   = local.chunks
    any      = local.any
    nested   = local.nested
    order    = local.order
    same     = local.same
    found    = local.found
    ratio    = local.ratio
    date     = local.date
    keyed    = local.keyed
    text     = local.text
    by_tier  = local.by_tier
  })
}

output "subnets" {
  value = { for name, file in local_file.subnet : name => jsondecode(file.content).cidr }
}

output "digest" {
  value = local.digest
}
