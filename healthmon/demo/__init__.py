"""The ten services as local servers, with faults to order."""
