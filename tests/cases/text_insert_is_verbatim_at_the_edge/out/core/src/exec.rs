pub async fn exec(command: &str) -> Result<(), Error> {
    sandbox.run(command).await?;
    Ok(())
}
