using System.Management.Automation.Runspaces;
using System.Runtime.InteropServices;

namespace VirtMigrate.Shell;

/// <summary>
/// Turns SIGINT, SIGTERM and SIGHUP into an orderly stop: the running pipeline is asked to stop and is waited for, so
/// that cmdlets' StopProcessing and scripts' finally blocks run before the process ends.
/// </summary>
internal sealed class Interruption : IDisposable
{
    /// <summary>A stop that hangs must not hold the terminal for ever: the third Ctrl+C ends the process.</summary>
    private const int PatienceInPresses = 3;

    private readonly Lock _gate = new();
    private readonly Stack<InterruptionScope> _scopes = new();
    private readonly PosixSignalRegistration[] _registrations;

    public Interruption()
    {
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Handle(context, signalNumber: 2)),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Handle(context, signalNumber: 15)),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => Handle(context, signalNumber: 1)),
        ];
    }

    /// <summary>Set once SIGTERM or SIGHUP has come: nothing new is to be started.</summary>
    public bool IsTerminating { get; private set; }

    /// <summary>128 and the number of the signal that came last.</summary>
    public int ExitCode { get; private set; }

    /// <summary>Cancelled when the innermost thing that can be interrupted is.</summary>
    public CancellationToken Token
    {
        get
        {
            lock (_gate)
            {
                return _scopes.TryPeek(out var scope) ? scope.Token : CancellationToken.None;
            }
        }
    }

    /// <summary>Marks something that a signal is to end: a running pipeline or, without one, a wait for input.</summary>
    public InterruptionScope Begin(Pipeline? pipeline)
    {
        var scope = new InterruptionScope(pipeline, End);
        lock (_gate)
        {
            _scopes.Push(scope);
        }

        return scope;
    }

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }
    }

    private void End()
    {
        lock (_gate)
        {
            _scopes.Pop();
        }
    }

    private void Handle(PosixSignalContext context, int signalNumber)
    {
        lock (_gate)
        {
            ExitCode = ExitCodes.SignalBase + signalNumber;
            if (_scopes.Count == 0)
            {
                // Nothing to stop: the signal does what it always does.
                return;
            }

            context.Cancel = true;
            if (context.Signal is not PosixSignal.SIGINT)
            {
                IsTerminating = true;
                foreach (var scope in _scopes)
                {
                    scope.Interrupt();
                }
            }
            else if (_scopes.Peek().Interrupt() >= PatienceInPresses)
            {
                context.Cancel = false;
            }
        }
    }
}
