== ${name} ==
