pub struct Lamp {
    watts: u32,
}

impl Lamp {
    pub fn brightness(&self, fog: Fog) -> u32 {
        self.watts / fog.density()
    }
}
