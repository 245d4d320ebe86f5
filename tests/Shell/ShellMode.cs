namespace VirtMigrate.Shell;

internal enum ShellMode
{
    Interactive,
    File,
    Command,
    Help,
}
