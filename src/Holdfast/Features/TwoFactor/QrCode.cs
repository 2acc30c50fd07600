using System.Globalization;
using System.Text;
using QRCoder;

namespace Holdfast.Features.TwoFactor;

/// <summary>A QR code as one SVG path in module units: no image, no inline style, sharp at any size.</summary>
public static class QrCode
{
    /// <param name="Size">Modules across, the quiet zone of four on every side included (ISO/IEC 18004 §5.3.8).</param>
    /// <param name="Path">The dark modules, one run after the other.</param>
    public sealed record Drawing(int Size, string Path);

    public static Drawing Draw(string text)
    {
        using var generator = new QRCodeGenerator();
        // M: a fifteenth of the code may be smudged; more would only make it finer.
        using var code = generator.CreateQrCode(text, QRCodeGenerator.ECCLevel.M);
        var rows = code.ModuleMatrix;
        var path = new StringBuilder();
        for (var y = 0; y < rows.Count; y++)
        {
            for (var x = 0; x < rows.Count; x++)
            {
                if (!rows[y][x]) continue;
                var run = 1;
                while (x + run < rows.Count && rows[y][x + run]) run++;
                path.Append(CultureInfo.InvariantCulture, $"M{x} {y}h{run}v1H{x}z");
                x += run;
            }
        }
        return new Drawing(rows.Count, path.ToString());
    }
}
