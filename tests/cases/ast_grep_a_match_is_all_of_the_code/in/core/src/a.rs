fn choose(ready: bool) -> u8 {
    if ready {
        start();
    } else {
        wait();
    }
    'rows: for row in rows() {
        for cell in row {
            if cell.is_last() {
                break 'rows;
            }
        }
    }
    log(1, /* why */ 2);
    0
}

enum Step {
    Open(u8),
    Close,
}

fn of_types(name: &mut String, held: bool) {
    keep(name);
}
