fn exact() -> usize { 12 }

fn exact_old() -> usize { 12 }

fn sha() -> usize { 12 }

fn sha_by_length() -> usize { 12 }

fn xx() -> usize { 12 }

fn xx_by_length() -> usize { 12 }
