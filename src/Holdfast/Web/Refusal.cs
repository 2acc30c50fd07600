using System.Diagnostics.CodeAnalysis;

namespace Holdfast.Web;

/// <summary>
/// A "no" that a person or a program can act on. The <paramref name="Code"/> is permanent: texts are found under <c>refusal.{Code}</c> and clients may rely on it.
/// </summary>
/// <param name="Code">Feature and reason, such as <c>password.too_short</c>.</param>
/// <param name="Status">HTTP status that fits: 400, 401, 403, 404, 409, 413, 422, 429 or 503.</param>
/// <param name="Field">Name of the form field or JSON property it belongs to; null for the whole.</param>
/// <param name="RetryAfter">For 429 and 503: when another try makes sense.</param>
/// <param name="Args">Numbers and names that the text mentions. Never secrets.</param>
[SuppressMessage("Performance", "CA1819", Justification = "Read by string.Format alone.")]
public sealed record Refusal(string Code, int Status, string? Field = null, TimeSpan? RetryAfter = null, params object[] Args)
{
    /// <summary>When several fields are wrong at once: all of them, this one included.</summary>
    public IReadOnlyList<Refusal> All { get; init; } = [];

    /// <summary>One refusal that carries them all; null when there is none.</summary>
    public static Refusal? Combine(IEnumerable<Refusal?> refusals)
    {
        Refusal[] all = [.. refusals.OfType<Refusal>()];
        return all.Length switch { 0 => null, 1 => all[0], _ => all[0] with { All = all } };
    }

    public IReadOnlyList<Refusal> Each => All.Count > 0 ? All : [this];
}

/// <summary>What a use case answers: its result, or a refusal. Never an exception for what people may do.</summary>
public readonly struct Outcome<T>
{
    private readonly T _value;

    private Outcome(T value, Refusal? refusal)
    {
        _value = value;
        Refusal = refusal;
    }

    public Refusal? Refusal { get; }

    [MemberNotNullWhen(false, nameof(Refusal))]
    public bool Ok => Refusal is null;

    /// <exception cref="InvalidOperationException">It was refused: a caller forgot to look.</exception>
    public T Value => Refusal is null ? _value : throw new InvalidOperationException($"Refused: {Refusal.Code}");

    public static implicit operator Outcome<T>(T value) => new(value, null);

    public static implicit operator Outcome<T>(Refusal refusal) => new(default!, refusal);
}

/// <summary>For use cases that have nothing to say when all went well.</summary>
public readonly record struct Done
{
    public static Done It => default;
}
