// abcdef
