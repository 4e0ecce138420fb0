names = ["a", "b", "c"]
files = { one = { text = "p" } }
