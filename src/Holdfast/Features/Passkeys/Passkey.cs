namespace Holdfast.Features.Passkeys;

/// <summary>A passkey as it is stored: a public key, and what is known about where its private half lives. Rules only: no I/O, and the time comes from outside.</summary>
public sealed record Passkey
{
    /// <summary>Enough for every device of a person's, and few enough to look through.</summary>
    public const int Most = 10;

    public const int LongestName = 60;

    public required string AccountId { get; init; }

    public required string Id { get; init; }

    /// <summary>What the authenticator calls it: 1 to 1023 bytes, the same for nobody else (WebAuthn L3 §7.1, steps 25 and 26).</summary>
    public required byte[] CredentialId { get; init; }

    /// <summary>In COSE (RFC 9052 §7).</summary>
    public required byte[] PublicKey { get; init; }

    /// <summary>The last count that the authenticator told; 0 where it does not count.</summary>
    public long SignCount { get; init; }

    /// <summary>How the authenticator can be reached, by its own word, joined by spaces: a hint for the browser.</summary>
    public string Transports { get; init; } = "";

    /// <summary>It may live on several devices. Never changes (WebAuthn L3 §6.1.3).</summary>
    public bool BackupEligible { get; init; }

    public bool BackedUp { get; init; }

    /// <summary>Kind of authenticator, by its own word: 16 bytes, all zero where it does not say.</summary>
    public required byte[] Aaguid { get; init; }

    /// <summary>The host name that it was made for: it works under no other.</summary>
    public required string RpId { get; init; }

    public required string Name { get; init; }

    public DateTimeOffset AddedAt { get; init; }

    public DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>Since "This wasn't me" it is taken only beside the password; null when it signs in alone.</summary>
    public DateTimeOffset? PausedAt { get; init; }

    /// <summary>Its counter went back, so there may be a copy; it is taken no more.</summary>
    public DateTimeOffset? CopiedAt { get; init; }

    public bool IsTaken => CopiedAt is null;

    public bool SignsInAlone => IsTaken && PausedAt is null;

    /// <summary>Lives on this one device, or is in a keychain that the person's devices share.</summary>
    public bool IsSynced => BackedUp;

    public IReadOnlyList<string> TransportList => Transports.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>A person as authenticators know them, with the passkeys that they have here.</summary>
/// <param name="Handle">The user handle: 43 ASCII characters that stand for 256 random bits.</param>
public sealed record PasskeyHolder(string AccountId, string Handle, IReadOnlyList<Passkey> Passkeys);
