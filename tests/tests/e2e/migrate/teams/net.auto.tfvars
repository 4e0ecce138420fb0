subnets = [
  { name = "pub", cidr = "10.0.0.0/16" },
  { name = "prv", cidr = "10.1.0.0/16", delegations = ["x"] },
]
