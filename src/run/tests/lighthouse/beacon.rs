use crate::lamp::Lamp;

/// How long a sweep of the beam takes.
pub const SWEEP_SECONDS: u64 = 12;

pub struct Beacon {
    lamp: Lamp,
    sweeps: u64,
}

impl Beacon {
    pub fn new(lamp: Lamp) -> Self {
        Self { lamp, sweeps: 0 }
    }

    pub fn sweep(&mut self, fog: Fog) -> Signal {
        self.sweeps += 1;
        let brightness = self.lamp.brightness(fog);
        if brightness < DIM {
            return Signal::Horn { blasts: 2 };
        }
        Signal::Light { brightness, seconds: SWEEP_SECONDS }
    }

    pub fn report(&self) -> String {
        format!("{} sweeps since dusk", self.sweeps)
    }
}
