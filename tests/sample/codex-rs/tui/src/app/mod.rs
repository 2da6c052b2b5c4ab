mod startup_prompts;
