namespace VirtMigrate.Simulation;

/// <summary>What must hold in every run, by the numbers of the design.</summary>
internal enum Invariant
{
    CompletedIsProven = 1,
    StayedIsProven = 2,
    OutcomeIsOfItsOwn = 3,
    AbortIsLookedFor = 4,
    Ends = 5,
    ResultIsKept = 6,
    ChangesArePutBack = 7,
    Decisive = 8,

    // Not the design's: what the world and the driver themselves must keep.
    RunsOnOneHost = 20,
    StaysOnOneThread = 21,
    GuestIsKept = 22,
    ListenersGo = 23,

    // Of what a result tells beside its outcome.
    DowntimeIsTrue = 24,

    // Of the registry and the queue, when several VMs move.
    RequestIsAnswered = 30,
    ThrottleHolds = 31,
    NothingBeginsAfterTheEnd = 32,
    EndWaits = 33,
    EntryGoes = 34,
    PlacesAreGiven = 35,
}

/// <summary>A broken invariant.</summary>
internal readonly record struct Violation(Invariant Invariant, string Sentence);
