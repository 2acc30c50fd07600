namespace Holdfast.Storage;

/// <summary>Names for rows: UUIDv7 (RFC 9562 §5.7), so that they sort by time of making. They open nothing: unguessable values are <see cref="Secrets.SecretToken"/>s.</summary>
public static class Ids
{
    public static string New(DateTimeOffset now) => Guid.CreateVersion7(now).ToString();

    /// <summary>True for the exact spelling that <see cref="New"/> makes: what comes from an address may be anything.</summary>
    public static bool IsWellFormed(string? id) => id is { Length: 36 } && Guid.TryParseExact(id, "D", out var guid) && guid.ToString() == id;
}
