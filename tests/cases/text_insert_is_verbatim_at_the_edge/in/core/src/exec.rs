pub async fn exec(command: &str) -> Result<(), Error> {
    run(command)?;
    Ok(())
}
