namespace Holdfast.Tests.Support;

/// <summary>A clock that stands still until a test moves it. It begins at the real time, in whole milliseconds. Timers and timestamps stay real: what waits for a wire does so on its own time.</summary>
public sealed class FakeClock : TimeProvider
{
    private long _milliseconds = System.GetUtcNow().ToUnixTimeMilliseconds();

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(Interlocked.Read(ref _milliseconds));

    public void Advance(TimeSpan by) => Interlocked.Add(ref _milliseconds, (long)by.TotalMilliseconds);
}
