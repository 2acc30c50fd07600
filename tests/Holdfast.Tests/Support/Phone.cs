using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;

namespace Holdfast.Tests.Support;

/// <summary>An authenticator app as the standard describes it, written apart from the server's own: HOTP of RFC 4226 over the time steps of RFC 6238.</summary>
/// <param name="Id">The app's id at the server.</param>
/// <param name="Codes">The recovery codes that came with it; empty when it was not the first.</param>
public sealed record Phone(FakeClock Clock, string Key, string Id, IReadOnlyList<string> Codes)
{
    /// <summary>The code that it shows now, or so many steps of 30 seconds later.</summary>
    public string Code(int later = 0) => At(Key, Clock.GetUtcNow().AddSeconds(30 * later));

    /// <summary>Six digits that are none of those around now.</summary>
    public string WrongCode()
    {
        var near = Enumerable.Range(-3, 7).Select(Code).ToHashSet(StringComparer.Ordinal);
        return Enumerable.Range(0, 10).Select(d => new string((char)('0' + d), 6)).First(code => !near.Contains(code));
    }

    public static string At(string key, DateTimeOffset at)
    {
        var counter = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, (long)Math.Floor((at - DateTimeOffset.UnixEpoch).TotalSeconds / 30));
#pragma warning disable CA5350 // RFC 6238 with SHA-1 is what apps do.
        var mac = HMACSHA1.HashData(Decode(key), counter);
#pragma warning restore CA5350
        var offset = mac[19] & 15;
        var number = ((mac[offset] & 127) << 24) | (mac[offset + 1] << 16) | (mac[offset + 2] << 8) | mac[offset + 3];
        return (number % 1_000_000).ToString("000000", CultureInfo.InvariantCulture);
    }

    /// <summary>What the Debian program oathtool says.</summary>
    public static Task<string> Oathtool(string key, DateTimeOffset at) =>
        Run("oathtool", ["--totp", "--base32", $"--now={at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture)}", key]);

    /// <summary>What the Debian program zbarimg reads in a picture.</summary>
    public static Task<string> ReadQr(string path) => Run("zbarimg", ["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", path]);

    private static async Task<string> Run(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, problem) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? (await output).Trim() : throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {await problem}");
    }

    internal static byte[] Decode(string base32)
    {
        var bytes = new List<byte>();
        var (bits, held) = (0, 0);
        foreach (var c in base32)
        {
            bits = (bits << 5) | "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(c, StringComparison.Ordinal);
            held += 5;
            if (held < 8) continue;
            held -= 8;
            bytes.Add((byte)(bits >> held));
            bits &= (1 << held) - 1;
        }
        return [.. bytes];
    }
}
