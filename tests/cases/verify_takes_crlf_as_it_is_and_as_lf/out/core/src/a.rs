fn sha() -> usize { 12 }

fn exact() -> usize { 12 }
