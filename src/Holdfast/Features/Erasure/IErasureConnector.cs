using Holdfast.Configuration;

namespace Holdfast.Features.Erasure;

/// <summary>What a system is told. Permanent names.</summary>
public static class ErasurePhase
{
    /// <summary>The account closes: nothing is deleted, but nothing goes on by itself either (a subscription stops renewing).</summary>
    public const string Hold = "hold";

    /// <summary>The person kept the account: what <see cref="Hold"/> did is undone.</summary>
    public const string Release = "release";

    /// <summary>Delete what you hold on this person.</summary>
    public const string Erase = "erase";
}

/// <summary>One call of a connector.</summary>
/// <param name="Phase">One of <see cref="ErasurePhase"/>.</param>
/// <param name="Key">The same at every try of this step, and of no other: at most 100 printable characters.</param>
/// <param name="Case">How people speak of the deletion, such as "ER-2026-0217".</param>
/// <param name="Workspaces">Ids of those that go with the account, once there is no way back for them either; empty in other phases.</param>
/// <param name="Memo">What the connector remembered in this deletion; null for nothing.</param>
/// <param name="Remember">Keeps a memo (sealed, at most 16,000 characters) before the connector goes on; it survives a server that dies at the next instant.</param>
public sealed record ErasureOrder(string Phase, string Key, string Case, string AccountId, string Email, string Name, DateTimeOffset AskedAt, IReadOnlyList<string> Workspaces, string? Memo, Func<string, Task> Remember);

/// <summary>What came back.</summary>
public abstract record ConnectorAnswer
{
    private ConnectorAnswer() { }

    /// <param name="Said">What was done, in a sentence for the person; empty for nothing to say. It stands in the receipt, so it names nobody: one that does is left out.</param>
    /// <param name="Kept">What stays, and why.</param>
    public sealed record Done(string Said, IReadOnlyList<string> Kept) : ConnectorAnswer;

    /// <summary>Asked again later, with the same key.</summary>
    /// <param name="Why">For operators: a status and our own words, never a secret.</param>
    /// <param name="After">How long the other side asks to be left alone.</param>
    public sealed record Later(string Why, TimeSpan? After = null) : ConnectorAnswer;
}

/// <summary>A system that holds a person's data and must erase it. May be asked several times for one step, always with the same key, and has then to answer as if it were once.</summary>
public interface IErasureConnector
{
    /// <summary>Its name in the settings.</summary>
    string Key { get; }

    /// <summary>As people read it.</summary>
    string Name { get; }

    IReadOnlyList<string> Deletes { get; }

    IReadOnlyList<string> Keeps { get; }

    /// <summary>It has something to do when an account closes, and to undo when it is kept.</summary>
    bool Holds { get; }

    /// <exception cref="Exception">Counts as <see cref="ConnectorAnswer.Later"/>.</exception>
    Task<ConnectorAnswer> Tell(ErasureOrder order, CancellationToken stop);
}

/// <summary>The connectors in the order in which they are told: those of the settings, then those that were built into the program.</summary>
public sealed class Connectors(HoldfastSettings settings, ConnectorHttp http, TimeProvider clock, IEnumerable<IErasureConnector> builtIn)
{
    public IReadOnlyList<IErasureConnector> All { get; } =
    [
        .. settings.Deletion.Connectors.Select(c => c.Url is null ? (IErasureConnector)new StripeConnector(c, settings.Deletion.Stripe!, http) : new WebhookConnector(c, http, clock)),
        .. builtIn,
    ];

    /// <summary>Null when the settings name it no more.</summary>
    public IErasureConnector? Find(string key) => All.FirstOrDefault(c => c.Key == key);
}
