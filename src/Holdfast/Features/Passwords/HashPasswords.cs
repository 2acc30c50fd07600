using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Holdfast.Configuration;
using Holdfast.Secrets;
using Holdfast.Web;
using Microsoft.Extensions.Logging.Abstractions;

namespace Holdfast.Features.Passwords;

/// <summary>A password as the database keeps it.</summary>
/// <param name="Phc">Argon2id in PHC form: <c>$argon2id$v=19$m=…,t=…,p=1$salt$hash</c>, at most 127 ASCII characters.</param>
/// <param name="PepperId">Which pepper keyed it (<see cref="PasswordHasher.PepperId"/>); null when none did.</param>
public sealed record PasswordHash(string Phc, string? PepperId)
{
    public override string ToString() => "[password hash]";
}

/// <summary>What comparing a typed password with a stored one says.</summary>
/// <param name="NeedsRehash">It matches, and was made with other parameters or another pepper than those in force: hash it again now.</param>
public readonly record struct Verdict(bool Matches, bool NeedsRehash);

/// <summary>
/// Argon2id by libsodium (RFC 9106; OWASP Password Storage Cheat Sheet; ASVS 11.4.2), keyed with an optional pepper, on a bounded number of
/// threads of its own. The wrong path does the same work as the right one: an unknown account costs one hash as well.
/// </summary>
public sealed class PasswordHasher : IDisposable
{
    /// <summary>When the queue is full: "try again", with a time after which that makes sense.</summary>
    public static readonly Refusal QueueFull = new("hashing.queue_full", 503, RetryAfter: TimeSpan.FromSeconds(5));

    private const int Argon2Id13 = 2; // crypto_pwhash_ALG_ARGON2ID13

    private readonly BoundedThreads _threads;
    private readonly ILogger _log;
    private readonly ulong _iterations;
    private readonly nuint _memory;
    private readonly byte[]? _pepper;
    private readonly string? _pepperId;
    private readonly Dictionary<string, byte[]> _peppers = new(StringComparer.Ordinal);
    private readonly PasswordHash _dummy;
    private int _warnedOfPepper;
    private long _comparisons;

    /// <summary>Starts the threads and makes the one hash that unknown accounts are compared with.</summary>
    /// <exception cref="CryptographicException">Not even one hash fits into memory.</exception>
    public PasswordHasher(PasswordSettings settings, ILogger<PasswordHasher>? log = null)
    {
        Sodium.EnsureReady();
        _log = log ?? NullLogger<PasswordHasher>.Instance;
        _iterations = (ulong)settings.Iterations;
        _memory = (nuint)settings.MemoryKiB * 1024;
        _pepper = settings.Pepper;
        _pepperId = _pepper is null ? null : PepperId(_pepper);
        foreach (var pepper in settings.PreviousPeppers) _peppers[PepperId(pepper)] = pepper;
        if (_pepper is not null) _peppers[_pepperId!] = _pepper;
        _dummy = HashNow(PlainPassword.From(Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))));
        _threads = new BoundedThreads(settings.Threads > 0 ? settings.Threads : Environment.ProcessorCount, settings.Queue);
    }

    /// <summary>Work that waits for a thread, hashes and other.</summary>
    public int Waiting => _threads.Waiting;

    /// <summary>Hashes that were worked through to compare a password. What cannot match costs one as well: the tests count them, as a clock would only guess.</summary>
    internal long Comparisons => Interlocked.Read(ref _comparisons);

    /// <summary>How much work may wait: <c>Passwords:HashQueue</c>.</summary>
    public int Capacity => _threads.Capacity;

    /// <summary>Hashes a password that passed the rules. Refused with <c>hashing.queue_full</c> when too many wait.</summary>
    /// <exception cref="ArgumentException">It is empty or not Unicode: the caller forgot the rules.</exception>
    /// <exception cref="CryptographicException">There is no memory for the hash.</exception>
    public Task<Outcome<PasswordHash>> Hash(PlainPassword password, CancellationToken cancel = default)
    {
        if (password.IsEmpty || !password.IsValidUnicode) throw new ArgumentException("Not a password that could be typed again.", nameof(password));
        return Run(() => HashNow(password), cancel);
    }

    /// <summary>Compares what somebody typed with what is stored. Refused with <c>hashing.queue_full</c> when too many wait.</summary>
    /// <param name="stored">Null when there is no such account or it has no password: the same work is done and the answer is no (ASVS 6.3.8).</param>
    /// <exception cref="CryptographicException">There is no memory to compare: neither yes nor no.</exception>
    public Task<Outcome<Verdict>> Verify(PlainPassword typed, PasswordHash? stored, CancellationToken cancel = default) =>
        Run(() => VerifyNow(typed, stored), cancel);

    /// <summary>Runs other work that fills a core on the same threads, such as judging a password. Refused with <c>hashing.queue_full</c> when too many wait.</summary>
    /// <param name="cancel">Drops the work while it waits.</param>
    public async Task<Outcome<T>> Run<T>(Func<T> work, CancellationToken cancel = default) =>
        _threads.TryRun(work, cancel, out var result) ? await result : QueueFull;

    /// <summary>A short public name of a pepper: 8 bytes of a SHA-256 in hex. It tells nothing about 32 random bytes.</summary>
    public static string PepperId(byte[] pepper) =>
        Convert.ToHexStringLower(SHA256.HashData([.. "holdfast pepper id"u8, .. pepper]).AsSpan(0, 8));

    /// <summary>Ends the threads; what waits fails with <see cref="ObjectDisposedException"/>, what runs ends first.</summary>
    public void Dispose() => _threads.Dispose();

    private unsafe PasswordHash HashNow(PlainPassword password)
    {
        var bytes = Keyed(password, _pepper);
        try
        {
            var encoded = stackalloc byte[Sodium.PwhashStrBytes];
            fixed (byte* p = bytes)
            {
                if (Sodium.PwhashStr(encoded, p, (ulong)bytes.Length, _iterations, _memory, Argon2Id13) != 0)
                {
                    throw new CryptographicException("There is not enough memory to hash a password. Passwords:MemoryKiB times Passwords:HashThreads has to fit.");
                }
            }
            return new PasswordHash(Marshal.PtrToStringUTF8((nint)encoded)!, _pepperId);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    private Verdict VerifyNow(PlainPassword typed, PasswordHash? stored)
    {
        var real = stored is not null && typed.IsValidUnicode && IsReadable(stored) && IsKnownPepper(stored);
        var compared = real ? stored! : _dummy;
        // No short cut on either side: the dummy is compared in full as well.
        var same = Same(typed, compared);
        var matches = real & same;
        return new Verdict(matches, matches && (compared.PepperId != _pepperId || MadeOtherwise(compared.Phc)));
    }

    private bool IsKnownPepper(PasswordHash stored)
    {
        if (stored.PepperId is null || _peppers.ContainsKey(stored.PepperId)) return true;
        if (Interlocked.Exchange(ref _warnedOfPepper, 1) == 0)
        {
            _log.LogWarning("A stored password is keyed with the pepper {PepperId}, which is neither Passwords:Pepper nor among Passwords:PreviousPeppers. Such passwords do not match", stored.PepperId);
        }
        return false;
    }

    private bool IsReadable(PasswordHash stored)
    {
        if (NeedsRehash(stored.Phc) >= 0) return true;
        _log.LogError("A stored password hash is not in PHC form: it matches nothing");
        return false;
    }

    // Argon2id with one lane in version 19 is the only form that is made here; what was imported in another moves to it.
    private bool MadeOtherwise(string phc) => NeedsRehash(phc) != 0 || !phc.StartsWith("$argon2id$v=19$", StringComparison.Ordinal) || !phc.Contains(",p=1$", StringComparison.Ordinal);

    private unsafe int NeedsRehash(string phc)
    {
        if (!TryEncode(phc, out var encoded)) return -1;
        fixed (byte* e = encoded) return Sodium.PwhashStrNeedsRehash(e, _iterations, _memory);
    }

    private unsafe bool Same(PlainPassword typed, PasswordHash compared)
    {
        if (!TryEncode(compared.Phc, out var encoded)) return false;
        var bytes = Keyed(typed, compared.PepperId is null ? null : _peppers[compared.PepperId]);
        try
        {
            Interlocked.Increment(ref _comparisons);
            fixed (byte* e = encoded, p = bytes)
            {
                if (Sodium.PwhashStrVerify(e, p, (ulong)bytes.Length) == 0) return true;
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
        MustHaveFitted(compared.Phc);
        return false;
    }

    /// <summary>libsodium says "no" for a wrong password and for missing memory alike (it even sets the same errno). So ask for that memory once more, untouched: it costs microseconds.</summary>
    private static unsafe void MustHaveFitted(string phc)
    {
        var from = phc.IndexOf("$m=", StringComparison.Ordinal) + 3;
        var to = from < 3 ? -1 : phc.IndexOf(',', from);
        if (to < 0 || !uint.TryParse(phc.AsSpan(from, to - from), out var kibibytes)) return;
        try
        {
            NativeMemory.Free(NativeMemory.Alloc((nuint)kibibytes * 1024));
        }
        catch (OutOfMemoryException error)
        {
            throw new CryptographicException("There is not enough memory to compare a password.", error);
        }
    }

    /// <summary>What Argon2id sees: the UTF-8 bytes, or with a pepper the base64 text of their HMAC-SHA256 (RFC 2104), which is free of null bytes and of one length.</summary>
    private static byte[] Keyed(PlainPassword password, byte[]? pepper)
    {
        var bytes = password.RevealBytes();
        if (pepper is null) return bytes;
        var keyed = Encoding.ASCII.GetBytes(Convert.ToBase64String(HMACSHA256.HashData(pepper, bytes)));
        CryptographicOperations.ZeroMemory(bytes);
        return keyed;
    }

    // libsodium reads a null-terminated string of at most crypto_pwhash_STRBYTES.
    private static bool TryEncode(string phc, out byte[] encoded)
    {
        encoded = new byte[Sodium.PwhashStrBytes];
        return phc.Length < Sodium.PwhashStrBytes && Ascii.IsValid(phc) && !phc.Contains('\0', StringComparison.Ordinal)
            && Ascii.FromUtf16(phc, encoded, out _) == System.Buffers.OperationStatus.Done;
    }
}
