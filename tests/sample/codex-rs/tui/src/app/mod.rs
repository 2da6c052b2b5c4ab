mod background_requests;
mod startup_prompts;
