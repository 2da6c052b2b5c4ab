pub fn light() {
    wick(3);
    trim(40, "weekly");
    burn();
}
