mod client;
mod events;
mod reducer;

pub use client::AnalyticsEventsClient;
