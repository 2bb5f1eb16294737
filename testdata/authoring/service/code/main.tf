resource "acme_telepathy_channel" "silent" {
  encryption {
    enabled = true
  }
}

resource "acme_telepathy_channel" "loud" {
  name = "loud"
}

resource "acme_telepathy_channel" "open" {
  encryption {
    enabled = true
  }
  listeners {
    port = 1
    cidr = "10.0.0.0/8"
  }
  listeners {
    port = 2
    cidr = "0.0.0.0/0"
  }
}
