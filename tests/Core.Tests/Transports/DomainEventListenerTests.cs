using VirtMigrate.Hosts;
using Xunit;

namespace VirtMigrate.Tests.Transports;

/// <summary>Who hears of a host's events, and from when to when.</summary>
public sealed class DomainEventListenerTests
{
    private static readonly Guid Vm = Guid.NewGuid();
    private readonly List<string> _steps = [];
    private readonly List<DomainEvent> _heard = [];
    private readonly DomainEventListeners _listeners;

    public DomainEventListenerTests() => _listeners = new(() => _steps.Add("begin"), () => _steps.Add("end"));

    [Fact]
    public void Listening_begins_with_the_first_and_ends_with_the_last()
    {
        var first = _listeners.Add(null, _heard.Add);
        var second = _listeners.Add(Vm, _heard.Add);
        first.Dispose();
        first.Dispose();
        Assert.Equal(["begin"], _steps);
        second.Dispose();

        Assert.Equal(["begin", "end"], _steps);
    }

    [Fact]
    public void One_who_comes_while_all_ends_is_not_kept_and_begins_nothing()
    {
        _listeners.Add(null, _heard.Add);
        _listeners.End();

        using var late = _listeners.Add(null, _heard.Add);
        _listeners.Publish(Event(Vm));

        Assert.Equal(["begin", "end"], _steps);
        Assert.False(_listeners.Want(Vm));
        Assert.Empty(_heard);
    }

    [Fact]
    public void One_who_is_removed_by_another_hears_nothing_of_the_same_event()
    {
        IDisposable? second = null;
        using var first = _listeners.Add(null, _ => second!.Dispose());
        second = _listeners.Add(null, _heard.Add);

        _listeners.Publish(Event(Vm));

        Assert.Empty(_heard);
    }

    [Fact]
    public void The_same_listener_twice_is_told_twice_and_removed_once()
    {
        Action<DomainEvent> listener = _heard.Add;
        var first = _listeners.Add(null, listener);
        using var second = _listeners.Add(null, listener);
        first.Dispose();
        first.Dispose();

        _listeners.Publish(Event(Vm));

        Assert.Single(_heard);
    }

    [Fact]
    public void One_who_fails_keeps_nothing_from_the_others()
    {
        using var failing = _listeners.Add(null, _ => throw new InvalidOperationException());
        using var second = _listeners.Add(null, _heard.Add);

        _listeners.Publish(Event(Vm));

        Assert.Single(_heard);
    }

    [Fact]
    public void What_nobody_asked_for_is_not_wanted()
    {
        using var one = _listeners.Add(Vm, _heard.Add);
        Assert.True(_listeners.Want(Vm));
        Assert.False(_listeners.Want(Guid.NewGuid()));
        _listeners.Publish(Event(Guid.NewGuid()));
        Assert.Empty(_heard);

        using var all = _listeners.Add(null, _ => { });

        Assert.True(_listeners.Want(Guid.NewGuid()));
    }

    private static LifecycleEvent Event(Guid vm) => new(vm, 5, 0);
}
