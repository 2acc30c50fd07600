using System.Text.Json;
using System.Text.Json.Serialization;

namespace Holdfast.Web;

/// <summary>JSON of our own storage: plain dictionaries.</summary>
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class WebJson : JsonSerializerContext;
