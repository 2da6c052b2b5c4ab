// moved
