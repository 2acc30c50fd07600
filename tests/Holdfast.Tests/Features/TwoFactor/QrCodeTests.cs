using System.Text.RegularExpressions;
using Holdfast.Features.TwoFactor;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Features.TwoFactor;

public sealed class QrCodeTests
{
    [Theory]
    [InlineData("Quayside", "tomasz@almondbirch.example")]
    [InlineData("Ärger & Söhne: ein Name, so lang wie erlaubt, mit ünd ohne 日本語", "maria.magdalena.wisniewska-brzeczyszczykiewicz@a-long-name-of-a-company.example")]
    public async Task A_foreign_reader_reads_the_drawing_back(string product, string account)
    {
        var uri = TotpKey.New().Uri(product, account);
        var drawing = QrCode.Draw(uri);
        var file = Path.Combine(Directory.CreateTempSubdirectory("holdfast-qr-").FullName, "qr.pgm");
        await File.WriteAllBytesAsync(file, Picture(drawing, 6));
        Assert.Equal(uri, await Phone.ReadQr(file));
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }

    [Fact]
    public void Four_light_modules_stand_on_every_side()
    {
        var drawing = QrCode.Draw(TotpKey.New().Uri("Quayside", "a@b.example"));
        var dark = Dark(drawing).ToList();
        Assert.Equal((4, 4, drawing.Size - 5, drawing.Size - 5), (dark.Min(m => m.X), dark.Min(m => m.Y), dark.Max(m => m.X), dark.Max(m => m.Y)));
    }

    /// <summary>The path, painted: a portable grey map (Netpbm P5).</summary>
    private static byte[] Picture(QrCode.Drawing drawing, int scale)
    {
        var side = drawing.Size * scale;
        var pixels = new byte[side * side];
        Array.Fill(pixels, (byte)255);
        foreach (var (x, y) in Dark(drawing))
        {
            for (var row = 0; row < scale; row++) Array.Fill(pixels, (byte)0, (y * scale + row) * side + x * scale, scale);
        }
        return [.. System.Text.Encoding.ASCII.GetBytes($"P5 {side} {side} 255\n"), .. pixels];
    }

    private static IEnumerable<(int X, int Y)> Dark(QrCode.Drawing drawing)
    {
        foreach (Match run in Regex.Matches(drawing.Path, @"M(?<x>\d+) (?<y>\d+)h(?<run>\d+)v1H\k<x>z", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)))
        {
            var (x, y) = (int.Parse(run.Groups["x"].ValueSpan, System.Globalization.CultureInfo.InvariantCulture), int.Parse(run.Groups["y"].ValueSpan, System.Globalization.CultureInfo.InvariantCulture));
            for (var i = 0; i < int.Parse(run.Groups["run"].ValueSpan, System.Globalization.CultureInfo.InvariantCulture); i++) yield return (x + i, y);
        }
    }
}
