using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Holdfast.Secrets;

/// <summary>
/// The server's root keys, which live in a file outside the database (ASVS 13.3.1): a stolen dump opens nothing that is sealed and
/// confirms no guess at what is hashed with a key. One key a line in base64, newest first: the first seals, all of them open.
/// </summary>
public sealed partial class KeyRing
{
    private readonly byte[][] _roots;

    private KeyRing(byte[][] roots) => _roots = roots;

    /// <summary>Reads the key file; makes it (mode 600) when it is missing and <paramref name="create"/> allows.</summary>
    /// <exception cref="Configuration.SettingsException">The file is missing and may not be made, or holds something else than keys of 32 bytes.</exception>
    public static KeyRing Open(string path, bool create)
    {
        if (!File.Exists(path))
        {
            if (!create) throw new Configuration.SettingsException("Keys:Path", $"there is no key file at {path}, but the database was made with one. Put it back from the backup");
            Make(Path.GetFullPath(path));
        }
        return Parse(File.ReadAllLines(path), path);
    }

    /// <summary>Written whole under another name first: a second server that starts at this moment sees no file, or all of it, and the first to finish counts.</summary>
    private static void Make(string path)
    {
        const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!, Own | UnixFileMode.UserExecute);
        var draft = $"{path}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";
        using (var file = new FileStream(draft, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = Own }))
        {
            file.Write(Encoding.ASCII.GetBytes(Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)) + "\n"));
            file.Flush(flushToDisk: true);
        }
        // A second name is given or refused in one step; a renamed file would take the place of one that is there. Where files have one name only, renaming has to do.
        if (Link(draft, path) != 0 && !File.Exists(path)) File.Move(draft, path, overwrite: false);
        else File.Delete(draft);
    }

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string file, string name);

    internal static KeyRing Parse(IEnumerable<string> lines, string path)
    {
        var roots = new List<byte[]>();
        foreach (var line in lines.Select(l => l.Trim()).Where(l => l.Length > 0 && l[0] != '#'))
        {
            var key = new byte[32];
            if (!Convert.TryFromBase64String(line, key, out var written) || written != 32)
            {
                throw new Configuration.SettingsException("Keys:Path", $"line {roots.Count + 1} of {path} is not a key (32 bytes in base64)");
            }
            roots.Add(key);
        }
        if (roots.Count == 0) throw new Configuration.SettingsException("Keys:Path", $"{path} holds no key");
        return new KeyRing([.. roots]);
    }

    /// <summary>HMAC-SHA256 of <paramref name="text"/> under the newest key, kept apart by <paramref name="purpose"/> (HKDF, RFC 5869).</summary>
    public byte[] Hash(string purpose, string text) => HMACSHA256.HashData(Derive(_roots[0], purpose), Encoding.UTF8.GetBytes(text));

    /// <summary>A short public fingerprint of each key, newest first: stored in the database so that a server with the wrong file notices.</summary>
    public IReadOnlyList<string> Fingerprints => [.. _roots.Select(root => Convert.ToHexStringLower(Derive(root, "fingerprint")[..8]))];

    /// <summary>Encrypts and authenticates with XChaCha20-Poly1305; the random 192-bit nonce leads the result (ASVS 11.3.3, 11.3.4).</summary>
    /// <param name="purpose">What it is for and whose it is; opening asks for the same words.</param>
    public unsafe byte[] Seal(string purpose, ReadOnlySpan<byte> plain)
    {
        Sodium.EnsureReady();
        var key = Derive(_roots[0], "seal");
        var additional = Encoding.UTF8.GetBytes(purpose);
        var result = new byte[Sodium.AeadNonceBytes + plain.Length + Sodium.AeadTagBytes];
        RandomNumberGenerator.Fill(result.AsSpan(0, Sodium.AeadNonceBytes));
        fixed (byte* r = result, p = plain, k = key, a = additional)
        {
            if (Sodium.AeadEncrypt(r + Sodium.AeadNonceBytes, null, p, (ulong)plain.Length, a, (ulong)additional.Length, null, r, k) != 0)
            {
                throw new CryptographicException("Sealing failed.");
            }
        }
        return result;
    }

    /// <summary>Opens what <see cref="Seal"/> made under any key of the ring. Null when it was altered, is for another purpose, or no key fits.</summary>
    public unsafe byte[]? Open(string purpose, ReadOnlySpan<byte> sealedBytes)
    {
        if (sealedBytes.Length < Sodium.AeadNonceBytes + Sodium.AeadTagBytes) return null;
        Sodium.EnsureReady();
        var additional = Encoding.UTF8.GetBytes(purpose);
        var plain = new byte[sealedBytes.Length - Sodium.AeadNonceBytes - Sodium.AeadTagBytes];
        foreach (var root in _roots)
        {
            fixed (byte* r = sealedBytes, p = plain, k = Derive(root, "seal"), a = additional)
            {
                if (Sodium.AeadDecrypt(p, null, null, r + Sodium.AeadNonceBytes, (ulong)(sealedBytes.Length - Sodium.AeadNonceBytes), a, (ulong)additional.Length, r, k) == 0)
                {
                    return plain;
                }
            }
        }
        return null;
    }

    private static byte[] Derive(byte[] root, string purpose) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, root, 32, salt: null, info: Encoding.UTF8.GetBytes("holdfast/1/" + purpose));
}
