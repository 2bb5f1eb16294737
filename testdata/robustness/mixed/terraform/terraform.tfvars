name = "clinic"
